// Setting: the files that an agent lives with, as a seed draws them, and what of them the judges of
// its life must know.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/lives/chance.h"

namespace seamwatch::fakes {

struct Setting {
  std::map<std::string, std::string> files;  // name -> text, in one folder
  std::vector<std::string> told;             // receivers, each a host, that hear of every alert
  std::vector<std::string> all;              // every receiver there is
  std::vector<std::string> probed;           // integrations, each a host; "P" fires where one fails
  std::vector<std::string> not_of_ends;      // those with send_resolved off
  bool gives_up = false;                     // retry budgets are short: notices get lost
  bool rejects = false;                      // receivers may say that no retry helps
  bool storms = false;                       // many notices become one
  bool silences = false;                     // there are some: what was told may be news again
  bool inhibits = false;                     // "A" inhibits the others of its zone
  bool reroutes = false;                     // a reload may find other routes
  bool locks = false;                        // another process may hold the database
  bool stands_in = false;                    // "SystemDown" is told where all that is probed fails

  bool hears_of_ends(const std::string& receiver) const;

  // Whether a notice can be lost, or told in more than one way.
  bool is_plain() const {
    return !gives_up && !storms && !silences && !reroutes && !inhibits && !stands_in;
  }
};

Setting draw_setting(Chance& chance);

// The names of what is so in it.
std::string to_string(const Setting& setting);

// Draws other routes.
void reroute(Setting& setting, Chance& chance);

}  // namespace seamwatch::fakes
