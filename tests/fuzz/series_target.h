// The target for the files of the series' history; see targets.h.
#pragma once

#include <string>
#include <string_view>

namespace seamwatch::fuzz {

// Restores the bytes as a checkpoint and as a journal: as they are, and with the checksums made
// right, as else few changes would come past them. What was restored must live on: it is read,
// appended to, and saved and restored the same. And takes the bytes as damage to a good journal, of
// which no point may come that was not written.
std::string run_series_files(std::string_view input);

}  // namespace seamwatch::fuzz
