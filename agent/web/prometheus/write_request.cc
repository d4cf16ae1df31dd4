#include "agent/web/prometheus/write_request.h"

#include <algorithm>
#include <bit>
#include <optional>

#include <snappy.h>

#include "agent/core/utf8.h"

namespace seamwatch::agent {
namespace {

// One field of a message.
struct Field {
  std::uint64_t number = 0;
  unsigned type = 0;
  std::uint64_t value = 0;      // of kVarint and kFixed64
  std::string_view bytes = {};  // of kBytes
};

constexpr unsigned kVarint = 0;
constexpr unsigned kFixed64 = 1;
constexpr unsigned kBytes = 2;
constexpr unsigned kFixed32 = 5;

// Takes a message apart, field by field.
class Wire {
 public:
  explicit Wire(std::string_view bytes) : left_(bytes) {}

  // False at the end, and where the bytes are no message: then broken() holds.
  bool next(Field& field) {
    if (left_.empty() || broken_) {
      return false;
    }
    const auto tag = varint();
    field = Field();
    if (!tag || *tag >> 3U == 0 || *tag >> 3U > kFieldMax) {
      return fail();
    }
    field.number = *tag >> 3U;
    field.type = static_cast<unsigned>(*tag & 7U);
    return read(field) || fail();
  }

  bool broken() const { return broken_; }

 private:
  static constexpr std::uint64_t kFieldMax = (1U << 29U) - 1;

  bool fail() {
    broken_ = true;
    return false;
  }

  bool read(Field& field) {
    if (field.type == kVarint) {
      const auto value = varint();
      field.value = value.value_or(0);
      return value.has_value();
    }
    if (field.type == kFixed64 || field.type == kFixed32) {
      const std::size_t size = field.type == kFixed64 ? 8 : 4;
      if (left_.size() < size) {
        return false;
      }
      for (std::size_t i = 0; i < size; ++i) {
        field.value |= static_cast<std::uint64_t>(static_cast<unsigned char>(left_[i])) << (8 * i);
      }
      left_.remove_prefix(size);
      return true;
    }
    if (field.type != kBytes) {
      return false;  // groups have gone out of use, the rest never was
    }
    const auto size = varint();
    if (!size || *size > left_.size()) {
      return false;
    }
    field.bytes = left_.substr(0, static_cast<std::size_t>(*size));
    left_.remove_prefix(field.bytes.size());
    return true;
  }

  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if (byte < 0x80) {
        return value;
      }
    }
    return std::nullopt;
  }

  std::string_view left_;
  bool broken_ = false;
};

constexpr const char* kNoMessage = "the body is no prometheus.WriteRequest";

// Whether `field` has the type that the message gives it.
bool is(const Field& field, unsigned type, bool& good) {
  good = good && field.type == type;
  return field.type == type;
}

bool read_label(std::string_view bytes, Labels::Pair& label) {
  Wire wire(bytes);
  Field field;
  bool good = true;
  while (wire.next(field)) {
    if (field.number == 1 && is(field, kBytes, good)) {
      label.first = field.bytes;
    } else if (field.number == 2 && is(field, kBytes, good)) {
      label.second = field.bytes;
    }
  }
  return good && !wire.broken();
}

bool read_sample(std::string_view bytes, rules::Point& point) {
  Wire wire(bytes);
  Field field;
  bool good = true;
  while (wire.next(field)) {
    if (field.number == 1 && is(field, kFixed64, good)) {
      point.value = std::bit_cast<double>(field.value);
    } else if (field.number == 2 && is(field, kVarint, good)) {
      point.at = wall_from_unix_millis(static_cast<std::int64_t>(field.value));
    }
  }
  return good && !wire.broken();
}

// One series as it comes, and the reason not to take it.
struct RawSeries {
  std::vector<Labels::Pair> labels;
  std::vector<rules::Point> points;
  std::string wrong;
};

void add_label(Labels::Pair label, const WriteLimits& limits, RawSeries& raw) {
  if (!raw.wrong.empty()) {
    return;
  }
  if (label.first.size() > limits.label_name_bytes_max) {
    raw.wrong =
        "a label name has more than " + std::to_string(limits.label_name_bytes_max) + " bytes";
  } else if (label.second.size() > limits.label_value_bytes_max) {
    raw.wrong = "the value of label " + quoted(label.first) + " has more than " +
                std::to_string(limits.label_value_bytes_max) + " bytes";
  } else if (raw.labels.size() >= limits.labels_max) {
    raw.wrong = "a series has more than " + std::to_string(limits.labels_max) + " labels";
  } else {
    raw.labels.push_back(std::move(label));
  }
}

// The first thing that is wrong with the labels, or "".
std::string wrong_labels(std::vector<Labels::Pair> labels) {
  std::sort(labels.begin(), labels.end());
  bool named = false;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto& [name, value] = labels[i];
    if (!is_utf8_name(name)) {
      return "a label name is empty or not UTF-8";
    }
    if (!is_valid_utf8(value)) {
      return "the value of label " + quoted(name) + " is not UTF-8";
    }
    if (i > 0 && labels[i - 1].first == name) {
      return "label " + quoted(name) + " stands twice in one series";
    }
    named = named || (name == "__name__" && !value.empty());
  }
  return named ? "" : "a series has no metric name";
}

class Decoder {
 public:
  explicit Decoder(const WriteLimits& limits) : limits_(limits) {}

  Result<WriteRequest> run(std::string_view bytes) {
    Wire wire(bytes);
    Field field;
    bool good = true;
    while (good && wire.next(field)) {
      if (field.number == 1 && is(field, kBytes, good)) {
        const std::string problem = take_series(field.bytes);
        if (!problem.empty()) {
          return error(problem);
        }
      }
    }
    if (!good || wire.broken()) {
      return error(kNoMessage);
    }
    return std::move(request_);
  }

 private:
  // Returns what ends the whole request, or "".
  std::string take_series(std::string_view bytes) {
    if (++series_ > limits_.series_max) {
      return "a request may have at most " + std::to_string(limits_.series_max) + " series";
    }
    RawSeries raw;
    const std::string problem = read_series(bytes, raw);
    if (!problem.empty()) {
      return problem;
    }
    if (raw.wrong.empty()) {
      raw.wrong = wrong_labels(raw.labels);
    }
    if (raw.wrong.empty()) {
      request_.series.push_back({Labels(std::move(raw.labels)), std::move(raw.points)});
    } else {
      request_.invalid = request_.invalid.empty() ? raw.wrong : request_.invalid;
      request_.invalid_samples += raw.points.size();
    }
    return "";
  }

  std::string read_series(std::string_view bytes, RawSeries& raw) {
    Wire wire(bytes);
    Field field;
    bool good = true;
    while (good && wire.next(field)) {
      if (field.number == 1 && is(field, kBytes, good)) {
        Labels::Pair label;
        good = read_label(field.bytes, label);
        add_label(std::move(label), limits_, raw);
      } else if (field.number == 2 && is(field, kBytes, good)) {
        if (++request_.samples > limits_.samples_max) {
          return "a request may have at most " + std::to_string(limits_.samples_max) + " samples";
        }
        good = read_sample(field.bytes, raw.points.emplace_back());
      } else if (field.number == 3) {
        ++request_.exemplars;
      } else if (field.number == 4) {
        ++request_.histograms;
      }
    }
    return good && !wire.broken() ? "" : kNoMessage;
  }

  const WriteLimits& limits_;
  WriteRequest request_;
  std::size_t series_ = 0;
};

}  // namespace

Result<std::string> uncompress_snappy(std::string_view bytes, std::size_t bytes_max) {
  std::size_t size = 0;
  if (!snappy::GetUncompressedLength(bytes.data(), bytes.size(), &size)) {
    return error("the body is not compressed with Snappy's block format");
  }
  if (size > bytes_max) {
    return error("the body has more than " + std::to_string(bytes_max) + " bytes uncompressed");
  }
  std::string out(size, '\0');
  if (!snappy::RawUncompress(bytes.data(), bytes.size(), out.data())) {
    return error("the body is not compressed with Snappy's block format");
  }
  return out;
}

Result<WriteRequest> decode_write_request(std::string_view bytes, const WriteLimits& limits) {
  return Decoder(limits).run(bytes);
}

}  // namespace seamwatch::agent
