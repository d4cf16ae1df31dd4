// GroupMembers: the alerts of one group, one of each label set, in the order in which a notice
// tells them. Groups are told again and again and alerts come in all the time, so they are kept
// sorted; as parts of bounded size, so that one more alert costs little in a group of any size, and
// with the beginning of what they are mostly told apart by, so that looking for one seldom has to
// go to the alerts themselves. Part of the dispatcher.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "agent/core/alert.h"
#include "rules/routing/alert_store.h"

namespace seamwatch::rules {

// Whether `a` comes before `b` in a notification: by job, instance, number of labels, labels.
bool alert_before(const Alert& a, const Alert& b);

class GroupMembers {
 public:
  // Puts the alert in the place of the one with the same labels. True where there was none.
  bool put(const AlertPtr& alert);

  // nullptr where there is none with these labels.
  AlertPtr find(const Alert& alert) const;

  // Takes out the one with these labels, if there is one.
  void erase(const Alert& alert);

  bool empty() const { return size_ == 0; }

  std::size_t size() const { return size_; }

  // Calls `look` with each, in order.
  template <class Look>
  void each(const Look& look) const {
    for (const Part& part : parts_) {
      for (const Member& member : part) {
        look(member.alert);
      }
    }
  }

 private:
  using Prefix = std::array<std::uint64_t, 2>;

  struct Member {
    Prefix instance;  // its first bytes; all bits where it has none
    AlertPtr alert;
  };

  using Part = std::vector<Member>;

  // Where an alert stands, or would stand.
  struct Place {
    std::size_t part = 0;
    std::size_t index = 0;
    bool found = false;
  };

  static Prefix prefix_of(const Alert& alert);
  bool before(const Member& member, const Prefix& prefix, const Alert& alert) const;
  Place place_of(const Prefix& prefix, const Alert& alert) const;
  void split(Place& place);

  std::vector<Part> parts_;  // in order, none of them empty
  std::size_t size_ = 0;
  std::string job_;       // of all, while same_job_
  bool same_job_ = true;  // since the group was last empty
};

}  // namespace seamwatch::rules
