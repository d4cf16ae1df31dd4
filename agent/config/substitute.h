// Fills secrets into a parsed document before any value is read, and keeps them out of messages
// afterwards.
#pragma once

#include <string>

#include "agent/config/reading.h"

namespace seamwatch::agent {

// Replaces ${NAME} in every scalar value (not in keys) by that variable, and $$ by $; any other $
// stays. Reports variables that are not set, and a ${ without its }.
void substitute_environment(Document& document, Reading& reading);

// What becomes of the files that options name.
enum class FileUse {
  text,          // `X_file: PATH` becomes `X: TEXT`, without the white space around it
  path,          // joined with the folder: probes/endpoints read such files anew at each use
  path_or_warn,  // likewise; that one cannot be read is a warning, as in blackbox_exporter's files
};

// Settles every `X_file`, and `files` of http_headers, in `options`; the certificate paths of a
// tls_config stay paths. Reports files that cannot be read, and X beside X_file.
void substitute_files(const Document& document, Node& options, FileUse use, Reading& reading);

// Likewise in each module of `modules`, with the use that its prober wants.
void substitute_module_files(const Document& document,
                             Node& modules,
                             bool foreign,
                             Reading& reading);

// The first 15 hex digits of the SHA-256 of `options` as they stand now and of the certificate
// files that they name: 60 bits tell a changed definition from one that was not, and take no heap.
std::string digest(const std::string& prefix, const Node& options, const Reading& reading);

// `problems` with every substituted text of four bytes or more replaced by its name.
Diagnostics without_secrets(const Diagnostics& problems, const Reading& reading);

}  // namespace seamwatch::agent
