# Unit tests mirror the tree: tests/unit/rules/promql/*.cc is the program unit_rules_promql, linked
# with the library rules_promql. `ctest` runs them all.
enable_testing()
add_library(catch_main STATIC ${CMAKE_SOURCE_DIR}/tests/main.cc)
target_link_libraries(catch_main PUBLIC Catch2::Catch2)
add_library(headers_of_tests OBJECT ${CMAKE_BINARY_DIR}/headers.cc)
target_link_libraries(headers_of_tests PUBLIC Catch2::Catch2)
target_precompile_headers(headers_of_tests PRIVATE ${SEAMWATCH_HEADERS} <catch2/catch.hpp>)
if(SEAMWATCH_SANITIZE)  # a failed check says its line; the traces need those of what is tested
  set(SEAMWATCH_TEST_OPTIONS -g0)
  target_compile_options(headers_of_tests PRIVATE ${SEAMWATCH_TEST_OPTIONS})
endif()
seamwatch_folder(tests/fakes LINKS agent_core)

# All unit test programs and the scenarios: what the sanitized build runs.
add_custom_target(checks)

# ALONE as in seamwatch_folder, without `_test`.
function(seamwatch_unit folder)
  cmake_parse_arguments(ARG "" "" "LINKS;ALONE" ${ARGN})
  string(REPLACE "/" "_" library ${folder})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/unit/${folder}/*.cc)
  if(sources)
    add_executable(unit_${library} ${sources})
    target_compile_options(unit_${library} PRIVATE ${SEAMWATCH_TEST_OPTIONS})
    target_link_libraries(unit_${library} PRIVATE catch_main ${library} tests_fakes ${ARG_LINKS})
    seamwatch_together(unit_${library} tests/unit/${folder} _test.cc ${ARG_ALONE})
    target_precompile_headers(unit_${library} REUSE_FROM headers_of_tests)
    target_compile_definitions(unit_${library}
                               PRIVATE SEAMWATCH_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_test(NAME unit_${library} COMMAND unit_${library})
    add_dependencies(checks unit_${library})
  endif()
endfunction()

seamwatch_unit(agent/core LINKS agent_io)
seamwatch_unit(agent/io)
seamwatch_unit(agent/oauth2)
seamwatch_unit(probes/classify ALONE confirm state_machine)
seamwatch_unit(probes/cel)
seamwatch_unit(probes/endpoints LINKS agent_io)
seamwatch_unit(probes/flows LINKS agent_io)
seamwatch_unit(probes/queues LINKS agent_io)
seamwatch_unit(rules/series ALONE selection)
seamwatch_unit(rules/promql LINKS agent_io ALONE go_math)
seamwatch_unit(rules/templates LINKS agent_io ALONE notification_template template_engine)
seamwatch_unit(rules/groups LINKS agent_io)
seamwatch_unit(rules/routing LINKS agent_io ALONE alert_store decision dispatcher escalation inhibit
               late_notice retry_plan route silence_set)
seamwatch_unit(rules/noise ALONE outage_notice storm_brake storm_summary system_outages)
seamwatch_unit(rules/lint LINKS agent_io)
seamwatch_unit(rules/testing LINKS agent_io ALONE routing test_run)
seamwatch_unit(rules/replay LINKS agent_io ALONE replay)
seamwatch_unit(rules/packs LINKS agent_io rules_groups)
seamwatch_unit(exporters/metrics)
seamwatch_unit(exporters/sinks)
seamwatch_unit(agent/landscape LINKS agent_io ALONE landscape)
seamwatch_unit(agent/privacy)
seamwatch_unit(agent/config ALONE load privacy_section)
seamwatch_unit(agent/store)
seamwatch_unit(agent/web LINKS agent_io)
seamwatch_unit(agent/web/prometheus LINKS agent_io)
seamwatch_unit(agent/web/alertmanager LINKS agent_io ALONE api_routes)
seamwatch_unit(agent/base)
seamwatch_unit(agent/watch ALONE recorder)
seamwatch_unit(agent/deliver)
seamwatch_unit(agent/notify LINKS agent_io ALONE kept_noise storm_control)
seamwatch_unit(agent)

seamwatch_folder(tests/scenario LINKS agent tests_fakes)
seamwatch_program(scenario tests/scenario/scenario_main.cc tests_scenario)
add_dependencies(checks scenario)

seamwatch_folder(tests/lives LINKS tests_scenario)
seamwatch_program(lives tests/lives/lives_main.cc tests_lives)
add_dependencies(checks lives)

# Alertmanager's published API cases against the whole agent.
seamwatch_program(apitest tests/conformance/alertmanager_main.cc tests_scenario)
target_sources(apitest PRIVATE tests/conformance/alertmanager_api.cc tests/conformance/api_match.cc
                               tests/conformance/routing_scenario.cc)

add_executable(fuzz ${CMAKE_SOURCE_DIR}/tests/fuzz/fuzz_main.cc
                    ${CMAKE_SOURCE_DIR}/tests/fuzz/series_target.cc
                    ${CMAKE_SOURCE_DIR}/tests/fuzz/targets.cc)
target_link_libraries(fuzz PRIVATE agent_web_prometheus rules_groups rules_templates agent_io
                                   probes_cel)
add_dependencies(checks fuzz)
