#include "rules/promql/label_table.h"

#include <algorithm>
#include <functional>

namespace seamwatch::rules::promql {
namespace {

std::uint32_t folded(std::uint64_t hash) {
  hash *= 0x9e3779b97f4a7c15ULL;
  return static_cast<std::uint32_t>(hash >> 32U);
}

std::uint32_t hash_of(std::string_view text) {
  return folded(std::hash<std::string_view>()(text));
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

void NumberIndex::place(Slot slot) {
  std::size_t i = slot.hash;
  while (slots_[i & (slots_.size() - 1)].number != kNoLabels) {
    ++i;
  }
  slots_[i & (slots_.size() - 1)] = slot;
}

void NumberIndex::insert(std::uint32_t hash, std::uint32_t number) {
  if ((size_ + 1) * 4 > slots_.size() * 3) {
    std::vector<Slot> old(std::max<std::size_t>(16, slots_.size() * 2));
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.number != kNoLabels) {
        place(slot);
      }
    }
  }
  place({hash, number});
  ++size_;
}

std::uint32_t TextBlocks::add(std::string_view text) {
  if (text.size() > left_) {
    const bool is_long = text.size() > kBlockBytes / 8;  // has a block of its own
    blocks_.push_back(std::make_unique<char[]>(is_long ? text.size() : kBlockBytes));
    left_ = is_long ? text.size() : kBlockBytes;
    end_ = blocks_.back().get();
  }
  std::copy(text.begin(), text.end(), end_);
  texts_.emplace_back(end_, text.size());
  end_ += text.size();
  left_ -= text.size();
  return static_cast<std::uint32_t>(texts_.size() - 1);
}

std::span<const std::uint32_t> LabelTable::pairs_of(LabelId id) const {
  const std::size_t begin = id == 0 ? 0 : ends_[id - 1];
  return std::span(members_).subspan(begin, ends_[id] - begin);
}

std::uint32_t LabelTable::find_symbol(std::string_view text) const {
  return symbol_ids_.find(hash_of(text), [&](std::uint32_t id) { return symbols_[id] == text; });
}

std::uint32_t LabelTable::symbol(std::string_view text) {
  std::uint32_t id = find_symbol(text);
  if (id == kNoLabels) {
    id = symbols_.add(text);
    symbol_ids_.insert(hash_of(text), id);
  }
  return id;
}

std::uint32_t LabelTable::pair(std::string_view name, std::string_view value) {
  const Pair wanted{symbol(name), symbol(value)};
  const std::uint32_t hash = folded((std::uint64_t{wanted.name} << 32U) | wanted.value);
  std::uint32_t id = pair_ids_.find(hash, [&](std::uint32_t candidate) {
    return pairs_[candidate].name == wanted.name && pairs_[candidate].value == wanted.value;
  });
  if (id == kNoLabels) {
    id = static_cast<std::uint32_t>(pairs_.size());
    pairs_.push_back(wanted);
    pair_ids_.insert(hash, id);
  }
  return id;
}

// Requires: `pairs` does not point into members_.
LabelId LabelTable::intern(std::span<const std::uint32_t> pairs) {
  const std::uint32_t hash = hash_of(pairs);
  LabelId id = set_ids_.find(hash, [&](LabelId candidate) {
    const auto known = pairs_of(candidate);
    return std::equal(known.begin(), known.end(), pairs.begin(), pairs.end());
  });
  if (id == kNoLabels) {
    id = static_cast<LabelId>(ends_.size());
    members_.insert(members_.end(), pairs.begin(), pairs.end());
    ends_.push_back(members_.size());
    set_ids_.insert(hash, id);
  }
  return id;
}

LabelId LabelTable::intern(const Labels& labels) {
  scratch_.clear();
  for (const auto& [name, value] : labels) {
    scratch_.push_back(pair(name, value));
  }
  return intern(scratch_);
}

Labels LabelTable::get(LabelId id) const {
  const auto members = pairs_of(id);
  std::vector<Labels::Pair> labels;
  labels.reserve(members.size());
  for (const std::uint32_t member : members) {
    labels.emplace_back(symbols_[pairs_[member].name], symbols_[pairs_[member].value]);
  }
  return Labels(std::move(labels));
}

std::string_view LabelTable::value(LabelId id, std::string_view name) const {
  const std::uint32_t wanted = find_symbol(name);
  for (const std::uint32_t member : pairs_of(id)) {
    if (pairs_[member].name == wanted) {
      return symbols_[pairs_[member].value];
    }
  }
  return {};
}

template <class Wanted>
LabelId LabelTable::filtered(LabelId id, Wanted wanted) {
  scratch_.clear();
  for (const std::uint32_t member : pairs_of(id)) {
    if (wanted(symbols_[pairs_[member].name])) {
      scratch_.push_back(member);
    }
  }
  return intern(scratch_);
}

LabelId LabelTable::without_name(LabelId id) {
  return without_name_(
      id, [&] { return filtered(id, [](std::string_view name) { return name != "__name__"; }); });
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
    return name != "__name__" && name != kUnnamedLabel &&
           std::find(names.begin(), names.end(), name) == names.end();
  });
}

void LabelMarks::begin(std::size_t count) {
  if (marks_.size() < count) {
    marks_.resize(count + count / 4);
  }
  if (++turn_ == 0) {  // all turns have been used: old marks must not come back
    std::fill(marks_.begin(), marks_.end(), Mark{});
    turn_ = 1;
  }
}

}  // namespace seamwatch::rules::promql
