// What a module says that no probe can ever meet. blackbox_exporter takes such modules, so they are
// warnings. Pure.
#pragma once

#include "agent/core/diagnostics.h"
#include "agent/core/document.h"

namespace seamwatch::agent {

// Of the options of an http module.
void warn_of_http_options(const Document& document, const Node& options, Diagnostics& warnings);

}  // namespace seamwatch::agent
