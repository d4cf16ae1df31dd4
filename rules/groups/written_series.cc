#include "rules/groups/written_series.h"

#include <utility>

namespace seamwatch::rules {
namespace {

// Takes texts off the front of `all`, as they were put in.
class Texts {
 public:
  Texts(std::string_view all, const std::vector<std::uint32_t>& sizes) : all_(all), sizes_(sizes) {}

  std::size_t taken() const { return taken_; }

  bool take_if(std::string_view wanted) {
    const bool is_next = sizes_[taken_] == wanted.size() && all_.starts_with(wanted);
    if (is_next) {
      take();
    }
    return is_next;
  }

  std::string_view take() {
    const std::string_view text = all_.substr(0, sizes_[taken_]);
    all_.remove_prefix(text.size());
    ++taken_;
    return text;
  }

 private:
  std::string_view all_;
  const std::vector<std::uint32_t>& sizes_;
  std::size_t taken_ = 0;
};

}  // namespace

bool WrittenSeries::same(const std::vector<Sample>& samples) const {
  if (samples.size() != ends_.size()) {
    return false;
  }
  Texts texts(texts_, sizes_);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (texts.taken() + 2 * samples[i].labels.size() != ends_[i]) {
      return false;
    }
    for (const auto& [name, value] : samples[i].labels) {
      if (!texts.take_if(name) || !texts.take_if(value)) {
        return false;
      }
    }
  }
  return true;
}

void WrittenSeries::assign(const std::vector<Sample>& samples) {
  std::size_t bytes = 0;
  std::size_t texts = 0;
  for (const Sample& sample : samples) {
    texts += 2 * sample.labels.size();
    for (const auto& [name, value] : sample.labels) {
      bytes += name.size() + value.size();
    }
  }
  *this = WrittenSeries();
  texts_.reserve(bytes);
  sizes_.reserve(texts);
  ends_.reserve(samples.size());
  for (const Sample& sample : samples) {
    for (const auto& [name, value] : sample.labels) {
      texts_.append(name).append(value);
      sizes_.push_back(static_cast<std::uint32_t>(name.size()));
      sizes_.push_back(static_cast<std::uint32_t>(value.size()));
    }
    ends_.push_back(static_cast<std::uint32_t>(sizes_.size()));
  }
}

void WrittenSeries::each(const std::function<void(Labels)>& visit) const {
  Texts texts(texts_, sizes_);
  for (const std::uint32_t end : ends_) {
    std::vector<Labels::Pair> labels;
    while (texts.taken() < end) {
      const std::string_view name = texts.take();
      const std::string_view value = texts.take();
      labels.emplace_back(name, value);
    }
    visit(Labels(std::move(labels)));
  }
}

}  // namespace seamwatch::rules
