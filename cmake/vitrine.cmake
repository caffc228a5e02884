# How a module is declared, and what every translation unit is compiled with.

find_program(VITRINE_CCACHE ccache)
if(VITRINE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${VITRINE_CCACHE})
endif()

# To hear a compiler's warnings its front end is enough: nothing is made, and nothing of it is linked.
if(VITRINE_CHECK_ONLY)
  set(CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILE_OBJECT
    "<CMAKE_CXX_COMPILER> <DEFINES> <INCLUDES> <FLAGS> -fsyntax-only -c <SOURCE>" "<CMAKE_COMMAND> -E touch <OBJECT>")
  set(CMAKE_CXX_ARCHIVE_CREATE "<CMAKE_COMMAND> -E touch <TARGET>")
  set(CMAKE_CXX_ARCHIVE_FINISH "")
  set(CMAKE_CXX_LINK_EXECUTABLE "<CMAKE_COMMAND> -E touch <TARGET>")
endif()

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

add_library(vitrine_flags INTERFACE)
target_compile_options(vitrine_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Wformat=2 -Werror
  -Wno-missing-field-initializers                     # a designated initialiser names what differs from the default
  -ffp-contract=off                                   # a trace replays alike on x86 and ARM
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=
  $<$<CONFIG:Release>:-fstack-protector-strong>)

# vitrine_module(agent/presence USES agent/base [LIBRARIES third-party…])
#
# Every .cpp of the folder but main.cpp becomes the library vitrine_agent_presence. Its include root holds that one folder, so that
# including a module that is not named under USES fails with "No such file". LIBRARIES are private: no other module sees their headers.
function(vitrine_module path)
  cmake_parse_arguments(MODULE "" "" "USES;LIBRARIES" ${ARGN})
  string(REPLACE "/" "_" name ${path})
  set(target vitrine_${name})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${path}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")

  set(root ${CMAKE_BINARY_DIR}/include-roots/${name})
  get_filename_component(parent ${root}/${path} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${path} ${root}/${path} SYMBOLIC)

  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE vitrine_flags ${MODULE_LIBRARIES})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope} ${root})
  foreach(used IN LISTS MODULE_USES)
    string(REPLACE "/" "_" used_name ${used})
    target_link_libraries(${target} ${scope} vitrine_${used_name})
  endforeach()

  if(VITRINE_TESTS)
    vitrine_unit_tests(${path} ${target} "${MODULE_LIBRARIES}")
  endif()
endfunction()

# tests/unit mirrors the source tree: tests/unit/agent/base/*_test.cpp become the program agent_base_test.
function(vitrine_unit_tests path target libraries)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/unit/${path}/*_test.cpp)
  if(NOT sources)
    return()
  endif()
  find_package(GTest REQUIRED)
  include(GoogleTest)
  string(REPLACE "/" "_" name ${path})
  add_executable(${name}_test ${sources})
  # Each test folder may keep helpers beside its tests: they are included as "tests/unit/<module>/x.hpp".
  set(root ${CMAKE_BINARY_DIR}/include-roots/tests_${name})
  get_filename_component(parent ${root}/tests/unit/${path} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/tests/unit/${path} ${root}/tests/unit/${path} SYMBOLIC)
  target_include_directories(${name}_test PRIVATE ${root})
  target_link_libraries(${name}_test PRIVATE vitrine_flags ${target} ${libraries} GTest::gmock_main)
  if(EXISTS /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/librapidcheck.a OR EXISTS /usr/include/rapidcheck.h)
    target_link_libraries(${name}_test PRIVATE rapidcheck)
  endif()
  target_compile_definitions(${name}_test PRIVATE
    VITRINE_SOURCE_DIR="${CMAKE_SOURCE_DIR}" VITRINE_BUILD_DIR="${CMAKE_BINARY_DIR}")
  gtest_discover_tests(${name}_test DISCOVERY_MODE PRE_TEST TEST_PREFIX "${path}/"
    PROPERTIES TIMEOUT 120 LABELS unit)
endfunction()

# vitrine_program(vitrine-agent agent/daemon): the folder's main.cpp on top of its module.
function(vitrine_program program path)
  cmake_parse_arguments(PROGRAM "" "" "LIBRARIES" ${ARGN})
  string(REPLACE "/" "_" name ${path})
  add_executable(${program} ${CMAKE_SOURCE_DIR}/${path}/main.cpp)
  target_link_libraries(${program} PRIVATE vitrine_flags vitrine_${name} ${PROGRAM_LIBRARIES})
endfunction()

# vitrine_benchmark(radio USES agent/radio …): bench/radio.cpp becomes the program bench_radio, which prints one JSON line a figure.
function(vitrine_benchmark name)
  cmake_parse_arguments(BENCH "" "" "USES;LIBRARIES" ${ARGN})
  if(NOT VITRINE_BENCH)
    return()
  endif()
  add_executable(bench_${name} ${CMAKE_SOURCE_DIR}/bench/${name}.cpp)
  target_link_libraries(bench_${name} PRIVATE vitrine_flags ${BENCH_LIBRARIES})
  set(root ${CMAKE_BINARY_DIR}/include-roots/bench)
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/bench ${root}/bench SYMBOLIC)
  target_include_directories(bench_${name} PRIVATE ${root})
  foreach(used IN LISTS BENCH_USES)
    string(REPLACE "/" "_" used_name ${used})
    target_link_libraries(bench_${name} PRIVATE vitrine_${used_name})
  endforeach()
endfunction()

# vitrine_fuzz(adverts agent/radio): tests/fuzz/adverts.cpp becomes fuzz_adverts, with its corpus in tests/fuzz/corpus/adverts.
function(vitrine_fuzz name)
  if(NOT VITRINE_FUZZ)
    return()
  endif()
  cmake_parse_arguments(FUZZ "" "" "USES" ${ARGN})
  add_executable(fuzz_${name} ${CMAKE_SOURCE_DIR}/tests/fuzz/${name}.cpp)
  if(NOT TARGET fuzz_targets)
    add_custom_target(fuzz_targets)
  endif()
  add_dependencies(fuzz_targets fuzz_${name})
  target_link_libraries(fuzz_${name} PRIVATE vitrine_flags)
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  foreach(used IN LISTS FUZZ_USES)
    string(REPLACE "/" "_" used_name ${used})
    target_link_libraries(fuzz_${name} PRIVATE vitrine_${used_name})
  endforeach()
  add_test(NAME fuzz/${name}
    COMMAND fuzz_${name} -max_total_time=10 -print_final_stats=0 -verbosity=0
      ${CMAKE_BINARY_DIR}/corpus-${name} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/corpus-${name})
  set_tests_properties(fuzz/${name} PROPERTIES LABELS fuzz TIMEOUT 120)
endfunction()
