# moonwire_common: what every target of ours is compiled with. Warnings are ours alone; upstream code does not link it.
add_library(moonwire_common INTERFACE)
target_compile_features(moonwire_common INTERFACE cxx_std_20)
target_compile_options(moonwire_common INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)
target_include_directories(moonwire_common INTERFACE "${CMAKE_SOURCE_DIR}/wasm")
# What a tab downloads is small (machine.wasm: at most 200 KB compressed); moonwire_fast(FILE...) names the few files
# where speed was measured to matter more. Lua itself is compiled for speed as a whole.
if(EMSCRIPTEN)
  target_compile_options(moonwire_common INTERFACE -Os)
endif()
function(moonwire_fast)
  if(EMSCRIPTEN)
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS -O3)
  endif()
endfunction()

# moonwire_build_mode: flags every object must share, upstream's Lua included.
add_library(moonwire_build_mode INTERFACE)
if(EMSCRIPTEN)
  target_compile_options(moonwire_build_mode INTERFACE -fwasm-exceptions)
  target_link_options(moonwire_build_mode INTERFACE -fwasm-exceptions)
endif()
if(MOONWIRE_HOSTILE)
  target_compile_definitions(moonwire_build_mode INTERFACE MOONWIRE_HOSTILE=1)
  target_compile_options(moonwire_build_mode INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(moonwire_build_mode INTERFACE -fsanitize=address,undefined)
endif()
if(MOONWIRE_FUZZ)
  target_compile_options(moonwire_build_mode INTERFACE -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=function)
  target_link_options(moonwire_build_mode INTERFACE -fsanitize=address,undefined)
endif()
target_link_libraries(moonwire_common INTERFACE moonwire_build_mode)

# moonwire_fuzzer(name source libraries...): a libFuzzer target in the fuzz build, nothing in the others. `fuzzers` builds
# all; ./moonwire test runs every target whose name ends in _fuzz, with tests/data/<name> as its seeds.
if(MOONWIRE_FUZZ)
  add_custom_target(fuzzers)
endif()
function(moonwire_fuzzer name source)
  if(NOT MOONWIRE_FUZZ)
    return()
  endif()
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE moonwire_common ${ARGN})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzzers ${name})
endfunction()
