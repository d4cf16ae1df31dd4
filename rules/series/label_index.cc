#include "rules/series/label_index.h"

#include <algorithm>
#include <functional>

#include "agent/core/assert.h"

namespace seamwatch::rules {
namespace {

constexpr std::string_view kName = "__name__";
constexpr std::string_view kIntegration = "integration";

std::uint32_t folded(std::size_t hash) {
  return static_cast<std::uint32_t>(hash ^ (hash >> 32U));
}

std::uint32_t hash_of_text(std::string_view text) {
  return folded(std::hash<std::string_view>()(text));
}

std::uint32_t hash_of(std::uint32_t name, std::string_view value) {
  return folded((std::hash<std::string_view>()(value) + name) * 0x9e3779b97f4a7c15ULL);
}

std::uint32_t hash_of(std::span<const PairId> pairs) {
  std::uint64_t hash = pairs.size();
  for (const PairId pair : pairs) {
    hash = (hash ^ pair) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 29U;
  }
  return folded(hash);
}

// What malloc takes for so many bytes.
std::size_t malloc_bytes(std::size_t size) {
  return std::max<std::size_t>(32, (size + 8 + 15) / 16 * 16);
}

}  // namespace

LabelIndex::~LabelIndex() {
  for (PairId pair = 1; pair < pairs_.end(); ++pair) {
    if (pairs_[pair].references > 0) {
      std::free(pairs_[pair].text);
    }
  }
}

std::string_view LabelIndex::value(PairId pair) const {
  const char* text = pairs_[pair].text;
  std::uint32_t size = 0;
  std::memcpy(&size, text, sizeof size);
  return {text + sizeof size, size};
}

std::uint32_t LabelIndex::find_name(std::string_view name) const {
  return name_ids_.find(hash_of_text(name),
                        [&](std::uint32_t id) { return names_[id].text == name; });
}

std::uint32_t LabelIndex::acquire_name(std::string_view name) {
  std::uint32_t id = find_name(name);
  if (id == IdTable::kNone) {
    if (free_names_.empty()) {
      id = static_cast<std::uint32_t>(names_.size());
      names_.emplace_back();
    } else {
      id = free_names_.back();
      free_names_.pop_back();
    }
    names_[id].text = name;
    name_ids_.insert(id, [&](std::uint32_t known) { return hash_of_text(names_[known].text); });
  }
  ++names_[id].references;
  return id;
}

void LabelIndex::release_name(std::uint32_t name) {
  SW_ASSERT(names_[name].references > 0);
  if (--names_[name].references == 0) {
    name_ids_.erase(name, [&](std::uint32_t known) { return hash_of_text(names_[known].text); });
    names_[name].text = std::string();
    free_names_.push_back(name);
  }
}

std::uint32_t LabelIndex::hash_of_pair(PairId pair) const {
  return hash_of(pairs_[pair].name, value(pair));
}

PairId LabelIndex::find_pair(std::uint32_t name, std::string_view wanted) const {
  return pair_ids_.find(hash_of(name, wanted),
                        [&](PairId id) { return pairs_[id].name == name && value(id) == wanted; });
}

PairId LabelIndex::find_pair(std::string_view name, std::string_view value) const {
  const std::uint32_t name_id = find_name(name);
  return name_id == IdTable::kNone ? IdTable::kNone : find_pair(name_id, value);
}

PairId LabelIndex::acquire_pair(std::string_view name, std::string_view text) {
  PairId pair = find_pair(name, text);
  if (pair == IdTable::kNone) {
    pair = pairs_.allocate();
    Pair& added = pairs_[pair];
    added.name = acquire_name(name);
    const auto size = static_cast<std::uint32_t>(text.size());
    added.text = static_cast<char*>(std::malloc(sizeof size + size));
    SW_ASSERT(added.text != nullptr);
    std::memcpy(added.text, &size, sizeof size);
    std::memcpy(added.text + sizeof size, text.data(), size);
    text_bytes_ += malloc_bytes(sizeof size + size);
    pair_ids_.insert(pair, [&](PairId known) { return hash_of_pair(known); });
  }
  ++pairs_[pair].references;
  return pair;
}

void LabelIndex::release_pair(PairId pair) {
  Pair& entry = pairs_[pair];
  SW_ASSERT(entry.references > 0);
  if (--entry.references > 0) {
    return;
  }
  pair_ids_.erase(pair, [&](PairId known) { return hash_of_pair(known); });
  text_bytes_ -= malloc_bytes(sizeof(std::uint32_t) + value(pair).size());
  std::free(entry.text);
  release_name(entry.name);
  pairs_.release(pair);
}

std::span<const PairId> LabelIndex::pairs(LabelSetId set) const {
  const Set& entry = sets_[set];
  if (entry.count == 0) {
    return {};
  }
  const std::byte* ids = set_pairs_.find(entry.count)->second->at(entry.pairs);
  return {reinterpret_cast<const PairId*>(ids), entry.count};
}

RawPool& LabelIndex::pairs_of_count(std::size_t count) {
  std::unique_ptr<RawPool>& pool = set_pairs_[count];
  if (pool == nullptr) {
    pool = std::make_unique<RawPool>(count * sizeof(PairId));
  }
  return *pool;
}

std::uint32_t LabelIndex::hash_of_set(LabelSetId set) const {
  return hash_of(pairs(set));
}

LabelSetId LabelIndex::find_set(std::span<const PairId> wanted) const {
  return set_ids_.find(hash_of(wanted),
                       [&](LabelSetId set) { return std::ranges::equal(pairs(set), wanted); });
}

LabelSetId LabelIndex::acquire_set(const std::vector<PairId>& wanted) {
  LabelSetId set = find_set(wanted);
  if (set == IdTable::kNone) {
    set = sets_.allocate();
    Set& added = sets_[set];
    added.count = static_cast<std::uint32_t>(wanted.size());
    if (!wanted.empty()) {
      RawPool& pool = pairs_of_count(wanted.size());
      added.pairs = pool.allocate();
      std::memcpy(pool.at(added.pairs), wanted.data(), wanted.size() * sizeof(PairId));
    }
    for (const PairId pair : wanted) {
      ++pairs_[pair].references;
    }
    set_ids_.insert(set, [&](LabelSetId known) { return hash_of_set(known); });
  }
  ++sets_[set].references;
  return set;
}

std::optional<SeriesKey> LabelIndex::find(const Labels& labels) const {
  SeriesKey key;
  std::vector<PairId> pairs;
  pairs.reserve(labels.size());
  for (const auto& [name, value] : labels) {
    const PairId pair = find_pair(name, value);
    if (pair == IdTable::kNone) {
      return std::nullopt;
    }
    if (name == kName) {
      key.name = pair;
    } else {
      pairs.push_back(pair);
    }
  }
  key.set = find_set(pairs);
  return key.set == IdTable::kNone ? std::nullopt : std::optional(key);
}

SeriesKey LabelIndex::acquire(const Labels& labels) {
  SeriesKey key;
  std::vector<PairId> pairs;
  pairs.reserve(labels.size());
  for (const auto& [name, value] : labels) {
    const PairId pair = acquire_pair(name, value);
    if (name == kName) {
      key.name = pair;
    } else {
      pairs.push_back(pair);
    }
  }
  key.set = acquire_set(pairs);
  for (const PairId pair : pairs) {
    release_pair(pair);  // the set holds them
  }
  return key;
}

void LabelIndex::release(SeriesKey key) {
  if (key.name != 0) {
    release_pair(key.name);
  }
  Set& set = sets_[key.set];
  SW_ASSERT(set.references > 0);
  if (--set.references > 0) {
    return;
  }
  set_ids_.erase(key.set, [&](LabelSetId known) { return hash_of_set(known); });
  for (const PairId pair : pairs(key.set)) {
    release_pair(pair);
  }
  if (set.count > 0) {
    pairs_of_count(set.count).release(set.pairs);
  }
  sets_.release(key.set);
}

Labels LabelIndex::labels(SeriesKey key) const {
  const std::span<const PairId> ids = pairs(key.set);
  std::vector<Labels::View> out;
  out.reserve(ids.size() + 1);
  if (key.name != 0) {
    out.emplace_back(kName, value(key.name));
  }
  for (const PairId pair : ids) {
    out.emplace_back(name(pair), value(pair));
  }
  return Labels::of(std::move(out));
}

void LabelIndex::append_pairs(SeriesKey key, std::vector<PairId>& out) const {
  bool named = key.name == 0;
  for (const PairId pair : pairs(key.set)) {
    if (!named && name(pair) > kName) {
      out.push_back(key.name);
      named = true;
    }
    out.push_back(pair);
  }
  if (!named) {
    out.push_back(key.name);
  }
}

PairId LabelIndex::pair_in(LabelSetId set, std::uint32_t name) const {
  for (const PairId pair : pairs(set)) {
    if (pairs_[pair].name == name) {
      return pair;
    }
  }
  return 0;
}

PairId LabelIndex::integration(LabelSetId set) const {
  for (const PairId pair : pairs(set)) {
    if (name(pair) == kIntegration) {
      return pair;
    }
  }
  return 0;
}

std::vector<std::string> LabelIndex::names() const {
  std::vector<std::string> out;
  for (const Name& name : names_) {
    if (name.references > 0) {
      out.push_back(name.text);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> LabelIndex::values(std::string_view name) const {
  std::vector<std::string> out;
  const std::uint32_t wanted = find_name(name);
  for (PairId pair = 1; wanted != IdTable::kNone && pair < pairs_.end(); ++pair) {
    if (pairs_[pair].references > 0 && pairs_[pair].name == wanted) {
      out.emplace_back(value(pair));
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::size_t LabelIndex::allocated_bytes() const {
  std::size_t bytes = text_bytes_ + names_.capacity() * sizeof(Name) + pairs_.allocated_bytes() +
                      sets_.allocated_bytes() + name_ids_.allocated_bytes() +
                      pair_ids_.allocated_bytes() + set_ids_.allocated_bytes();
  for (const auto& [count, pool] : set_pairs_) {
    bytes += pool->allocated_bytes();
  }
  return bytes;
}

std::size_t LabelIndex::used_bytes() const {
  std::size_t bytes = text_bytes_ + pairs_.used_bytes() + sets_.used_bytes() +
                      pair_ids_.allocated_bytes() + set_ids_.allocated_bytes();
  for (const auto& [count, pool] : set_pairs_) {
    bytes += pool->used_bytes();
  }
  return bytes;
}

}  // namespace seamwatch::rules
