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
  std::vector<std::string> told;             // hosts of receivers that hear of every alert,
  std::vector<std::string> others;           // and of those that may hear of it
  bool gives_up = false;                     // retry budgets are short: notices get lost
  bool storms = false;                       // many notices become one
  bool silences = false;                     // there are some: what was told may be news again
};

Setting draw_setting(Chance& chance);

}  // namespace seamwatch::fakes
