# Writes OUTPUT, a C++ file with the bytes of the files that MANIFEST lists, a line for each: path in the machine, '|',
# path here. Run with cmake -P; the table's type is in wasm/bindings/bundled_files.h.
file(STRINGS "${MANIFEST}" lines)
set(table "")
foreach(line IN LISTS lines)
  string(REGEX MATCH "^([^|]*)[|](.*)$" matched "${line}")
  set(path "${CMAKE_MATCH_1}")
  set(source "${CMAKE_MATCH_2}")
  # Comments that fill their lines and indents stay here (4 KB of what a page downloads); lines keep their numbers.
  set(bare "${OUTPUT}.bare")
  execute_process(COMMAND sed -e "s/^[ \t]*//" -e "s/^--$//" -e "s/^--[^[].*//" "${source}"
    OUTPUT_FILE "${bare}" COMMAND_ERROR_IS_FATAL ANY)
  set(source "${bare}")
  file(READ "${source}" bytes HEX)
  string(LENGTH "${bytes}" digits)
  math(EXPR size "${digits} / 2")
  # Thirty-two bytes a line, each escaped, so that no character of a file can mean anything to C++.
  string(REGEX REPLACE "(................................................................)" "\\1\"\n   \"" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${bytes}")
  string(APPEND table "  {\"${path}\",\n   {\"${bytes}\", ${size}}},\n")
endforeach()
file(WRITE "${OUTPUT}" "// Written by cmake/bundle.cmake.\n#include \"bindings/bundled_files.h\"\n
namespace moonwire::bindings {\n\nconstinit const BundledFile bundled_files[] = {\n${table}  {{}, {}},\n};\n
}  // namespace moonwire::bindings\n")
