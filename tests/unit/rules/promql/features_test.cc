#include "rules/promql/features.h"

#include <catch2/catch.hpp>

namespace seamwatch::rules::promql {
namespace {

TEST_CASE("features are switched on by Prometheus's names") {
  Features features;
  CHECK(enable_features("promql-duration-expr,promql-binop-fill-modifiers", features).empty());
  Features want;
  want.duration_expressions = true;
  want.fill_modifiers = true;
  CHECK(features == want);
  CHECK(enable_features("promql-experimental-functions,promql-extended-range-selectors,"
                        "promql-delayed-name-removal,type-and-unit-labels",
                        features)
            .empty());
  CHECK(features == all_features());
}

TEST_CASE("a name that does nothing is warned of, and the others count") {
  Features features;
  const auto warnings = enable_features(
      "promql-at-modifier,,native-histograms,promql-experimental-function,promql-duration-expr,",
      features);
  CHECK(warnings ==
        std::vector<std::string>{
            "this option for --enable-feature is now permanently enabled and therefore a no-op: "
            "promql-at-modifier",
            "Prometheus's option for --enable-feature that Seamwatch does not have: "
            "native-histograms",
            "unknown option for --enable-feature: promql-experimental-function"});
  Features want;
  want.duration_expressions = true;
  CHECK(features == want);
  CHECK(known_features() ==
        "there are promql-binop-fill-modifiers, promql-delayed-name-removal, "
        "promql-duration-expr, promql-experimental-functions, promql-extended-range-selectors, "
        "type-and-unit-labels");
}

}  // namespace
}  // namespace seamwatch::rules::promql
