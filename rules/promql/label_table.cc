#include "rules/promql/label_table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>

#include "agent/core/assert.h"
#include "rules/series/tight_vector.h"

namespace seamwatch::rules::promql {
namespace {

constexpr std::string_view kName = "__name__";

std::uint32_t folded(std::uint64_t hash) {
  hash *= 0x9e3779b97f4a7c15ULL;
  return static_cast<std::uint32_t>(hash >> 32U);
}

std::uint32_t hash_of(std::string_view text) {
  return folded(std::hash<std::string_view>()(text));
}

std::uint32_t hash_of(std::uint32_t first, std::uint32_t second) {
  return folded((std::uint64_t{first} << 32U) | second);
}

std::uint32_t hash_of(std::span<const std::uint32_t> pairs) {
  std::uint64_t hash = pairs.size();
  for (const std::uint32_t pair : pairs) {
    hash = (hash ^ pair) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 29U;
  }
  return folded(hash);
}

}  // namespace

std::uint32_t TextBlocks::add(std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  const std::size_t needed = sizeof size + text.size();
  if (used_ + needed > kBlockBytes) {
    // A long text has a block of its own, of its own size.
    blocks_.push_back(std::make_unique<char[]>(std::max(needed, kBlockBytes)));
    used_ = 0;
  }
  const std::size_t start = (blocks_.size() - 1) * kBlockBytes + used_;
  SW_ASSERT(start <= 0xffffffff);
  char* const at = blocks_.back().get() + used_;
  std::memcpy(at, &size, sizeof size);
  std::copy(text.begin(), text.end(), at + sizeof size);
  used_ = std::min(used_ + needed, kBlockBytes);
  make_room(starts_);
  starts_.push_back(static_cast<std::uint32_t>(start));
  return static_cast<std::uint32_t>(starts_.size() - 1);
}

std::string_view TextBlocks::operator[](std::uint32_t number) const {
  const std::size_t start = starts_[number];
  const char* const at = blocks_[start / kBlockBytes].get() + start % kBlockBytes;
  std::uint32_t size = 0;
  std::memcpy(&size, at, sizeof size);
  return {at + sizeof size, size};
}

std::span<const std::uint32_t> LabelTable::pairs_of(std::uint32_t rest) const {
  const std::size_t begin = rest == 0 ? 0 : rests_[rest - 1].end;
  return std::span(members_).subspan(begin, rests_[rest].end - begin);
}

std::uint32_t LabelTable::find_symbol(std::string_view text) const {
  return symbol_ids_.find(hash_of(text), [&](std::uint32_t id) { return symbols_[id] == text; });
}

std::uint32_t LabelTable::symbol(std::string_view text) {
  std::uint32_t id = find_symbol(text);
  if (id == kNoLabels) {
    id = symbols_.add(text);
    symbol_ids_.insert(id, [&](std::uint32_t known) { return hash_of(symbols_[known]); });
  }
  return id;
}

std::uint32_t LabelTable::pair(std::string_view name, std::string_view value) {
  const Pair wanted{symbol(name), symbol(value)};
  std::uint32_t id = pair_ids_.find(hash_of(wanted.name, wanted.value), [&](std::uint32_t known) {
    return pairs_[known].name == wanted.name && pairs_[known].value == wanted.value;
  });
  if (id == kNoLabels) {
    id = static_cast<std::uint32_t>(pairs_.size());
    make_room(pairs_);
    pairs_.push_back(wanted);
    pair_ids_.insert(
        id, [&](std::uint32_t known) { return hash_of(pairs_[known].name, pairs_[known].value); });
  }
  return id;
}

// Requires: `pairs` does not point into members_.
std::uint32_t LabelTable::intern_rest(std::span<const std::uint32_t> pairs) {
  std::uint32_t rest = rest_ids_.find(hash_of(pairs), [&](std::uint32_t known) {
    return std::ranges::equal(pairs_of(known), pairs);
  });
  if (rest == kNoLabels) {
    rest = static_cast<std::uint32_t>(rests_.size());
    make_room(members_, pairs.size());
    members_.insert(members_.end(), pairs.begin(), pairs.end());
    make_room(rests_);
    rests_.push_back({static_cast<std::uint32_t>(members_.size()), kNoLabels});
    rest_ids_.insert(rest, [&](std::uint32_t known) { return hash_of(pairs_of(known)); });
  }
  return rest;
}

LabelId LabelTable::intern(Set set) {
  LabelId id = set_ids_.find(hash_of(set.metric, set.rest), [&](LabelId known) {
    return sets_[known].metric == set.metric && sets_[known].rest == set.rest;
  });
  if (id == kNoLabels) {
    id = static_cast<LabelId>(sets_.size());
    make_room(sets_);
    sets_.push_back(set);
    set_ids_.insert(id,
                    [&](LabelId known) { return hash_of(sets_[known].metric, sets_[known].rest); });
  }
  return id;
}

LabelId LabelTable::intern(const Labels& labels) {
  Set set{kNoLabels, 0};
  scratch_.clear();
  for (const auto& [name, value] : labels) {
    const std::uint32_t label = pair(name, value);
    if (name == kName) {
      set.metric = label;
    } else {
      scratch_.push_back(label);
    }
  }
  set.rest = intern_rest(scratch_);
  return intern(set);
}

// The name first, then the others in their order.
template <class Visit>
void LabelTable::each_pair(LabelId id, Visit visit) const {
  if (sets_[id].metric != kNoLabels) {
    visit(sets_[id].metric);
  }
  for (const std::uint32_t member : pairs_of(sets_[id].rest)) {
    visit(member);
  }
}

Labels LabelTable::get(LabelId id) const {
  std::vector<Labels::View> labels;
  labels.reserve(pairs_of(sets_[id].rest).size() + 1);
  each_pair(id, [&](std::uint32_t member) {
    labels.emplace_back(symbols_[pairs_[member].name], symbols_[pairs_[member].value]);
  });
  return Labels::of(std::move(labels));
}

std::string_view LabelTable::value(LabelId id, std::string_view name) const {
  const std::uint32_t wanted = find_symbol(name);
  std::string_view found;
  each_pair(id, [&](std::uint32_t member) {
    found = pairs_[member].name == wanted ? symbols_[pairs_[member].value] : found;
  });
  return found;
}

template <class Wanted>
LabelId LabelTable::filtered(LabelId id, Wanted wanted) {
  Set set{kNoLabels, 0};
  scratch_.clear();
  each_pair(id, [&](std::uint32_t member) {
    const std::string_view name = symbols_[pairs_[member].name];
    if (wanted(name) && name == kName) {
      set.metric = member;
    } else if (wanted(name)) {
      scratch_.push_back(member);
    }
  });
  set.rest = intern_rest(scratch_);
  return intern(set);
}

LabelId LabelTable::without_name(LabelId id) {
  const Set set = sets_[id];
  if (set.metric == kNoLabels) {
    return id;
  }
  if (rests_[set.rest].nameless == kNoLabels) {
    rests_[set.rest].nameless = intern(Set{kNoLabels, set.rest});
  }
  return rests_[set.rest].nameless;
}

LabelId LabelTable::to_be_unnamed(LabelId id) {
  return to_be_unnamed_(id, [&] {
    Labels labels = get(id);
    labels.set(kUnnamedLabel, "1");
    return intern(labels);
  });
}

LabelId LabelTable::without_metadata(LabelId id) {
  return without_metadata_(id, [&] {
    return filtered(id, [](std::string_view name) {
      return name != "__name__" && name != "__type__" && name != "__unit__" &&
             name != kUnnamedLabel;
    });
  });
}

LabelId LabelTable::keep(LabelId id, const std::vector<std::string>& names) {
  return filtered(id, [&](std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  });
}

LabelId LabelTable::drop(LabelId id, const std::vector<std::string>& names) {
  return filtered(id, [&](std::string_view name) {
    return name != kName && name != kUnnamedLabel &&
           std::find(names.begin(), names.end(), name) == names.end();
  });
}

void LabelMarks::begin(std::size_t count) {
  mask_ = std::bit_ceil(2 * count + 1) - 1;
  if (marks_.size() <= mask_) {
    marks_.resize(mask_ + 1);
  }
  if (++turn_ == 0) {  // all turns have been used: old marks must not come back
    std::fill(marks_.begin(), marks_.end(), Mark{});
    turn_ = 1;
  }
}

}  // namespace seamwatch::rules::promql
