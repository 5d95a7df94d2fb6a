# Finds what dependencies.txt lists; tools/setup.sh has installed it. Nothing is downloaded from here.
set(CORESHED_DEPS_DIR ${PROJECT_SOURCE_DIR}/build/deps CACHE PATH "Where tools/setup.sh unpacked BLAKE3 and DuckDB")
set(CORESHED_ARROW_MAJOR 26)

if(CORESHED_STATIC_LIBRARIES)
  set(OPENSSL_USE_STATIC_LIBS ON)
endif()
find_package(nlohmann_json 3.11 REQUIRED CONFIG)
find_package(OpenSSL 3 REQUIRED COMPONENTS Crypto)
find_package(SQLite3 3.40 REQUIRED)
find_package(CURL 7.88 REQUIRED)  # its header; the library is loaded when needed
find_package(pugixml 1.13 REQUIRED)
if(CORESHED_BUILD_CLI)
  find_package(CLI11 2.1 REQUIRED CONFIG)
endif()
if(CORESHED_BUILD_TESTS)
  find_package(GTest 1.12 REQUIRED CONFIG)
endif()

# Libraries without a CMake package.
foreach(pair xxhash=xxhash.h utf8proc=utf8proc.h expat=expat.h)
  string(REPLACE "=" ";" pair "${pair}")
  list(GET pair 0 name)
  list(GET pair 1 header)
  find_library(CORESHED_${name}_LIBRARY ${name} REQUIRED)
  find_path(CORESHED_${name}_INCLUDE_DIR ${header} REQUIRED)
  mark_as_advanced(CORESHED_${name}_LIBRARY CORESHED_${name}_INCLUDE_DIR)
endforeach()

# What the library links beside Arrow. Before Arrow in the linker's list: the wheel exports copies of some of these.
if(CORESHED_STATIC_LIBRARIES)
  set(CORESHED_SMALL_LIBRARIES OpenSSL::Crypto pugixml::static -l:libsqlite3.a -l:libxxhash.a -l:libutf8proc.a -l:libexpat.a m)
else()
  set(CORESHED_SMALL_LIBRARIES OpenSSL::Crypto pugixml::shared SQLite::SQLite3 xxhash utf8proc expat)
endif()

if(CORESHED_BUILD_PYTHON)
  find_package(Python 3.11 REQUIRED COMPONENTS Interpreter Development.Module)
  execute_process(COMMAND ${Python_EXECUTABLE} -m nanobind --cmake_dir OUTPUT_STRIP_TRAILING_WHITESPACE
                  OUTPUT_VARIABLE nanobind_ROOT COMMAND_ERROR_IS_FATAL ANY)
  find_package(nanobind CONFIG REQUIRED)
endif()

# Arrow: an installed one of the right version, else the wheel in .venv. The Python package takes the wheel of the Python
# that it is built for, so that no process holds two Arrows.
if(CORESHED_BUILD_PYTHON)
  execute_process(COMMAND ${Python_EXECUTABLE} -c "import pyarrow; print(pyarrow.__path__[0])"
                  OUTPUT_STRIP_TRAILING_WHITESPACE OUTPUT_VARIABLE wheels COMMAND_ERROR_IS_FATAL ANY)
else()
  find_package(Arrow ${CORESHED_ARROW_MAJOR} QUIET CONFIG)
  file(GLOB wheels ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/pyarrow)
endif()
if(Arrow_FOUND)
  find_package(Parquet ${CORESHED_ARROW_MAJOR} REQUIRED CONFIG)
  find_package(ArrowCompute ${CORESHED_ARROW_MAJOR} REQUIRED CONFIG)
  # Arrow's own packages have S3 within libarrow.
  if(NOT TARGET ArrowS3::arrow_s3_shared)
    add_library(ArrowS3::arrow_s3_shared INTERFACE IMPORTED)
    target_link_libraries(ArrowS3::arrow_s3_shared INTERFACE Arrow::arrow_shared)
  endif()
  message(STATUS "Arrow ${Arrow_VERSION}: ${Arrow_DIR}")
else()
  list(APPEND wheels "")
  list(GET wheels 0 wheel)
  set(CORESHED_ARROW_WHEEL "${wheel}" CACHE PATH "The pyarrow folder whose headers and libraries are used")
  if(NOT EXISTS "${CORESHED_ARROW_WHEEL}/include/arrow/api.h")
    message(FATAL_ERROR "No Arrow ${CORESHED_ARROW_MAJOR}: neither find_package(Arrow) nor the wheel in .venv. Run tools/setup.sh build.")
  endif()
  include(${CMAKE_CURRENT_LIST_DIR}/ImportArrow.cmake)
  coreshed_import_arrow(${CORESHED_ARROW_WHEEL}/include ${CORESHED_ARROW_WHEEL})
  if(CORESHED_BUILD_PYTHON)
    coreshed_import_arrow(${CORESHED_ARROW_WHEEL}/include ${CORESHED_ARROW_WHEEL}
                          ArrowPython::arrow_python_shared=arrow_python)
  endif()
  message(STATUS "Arrow: wheel in ${CORESHED_ARROW_WHEEL}")
endif()

set(CORESHED_BLAKE3_DIR ${CORESHED_DEPS_DIR}/blake3)
set(CORESHED_DUCKDB_DIR ${CORESHED_DEPS_DIR}/duckdb)
# Where programs of the build tree find what is loaded while running and never linked: DuckDB, and our own plugin.
set(CORESHED_LOADED_DIRS ${CORESHED_DUCKDB_DIR} ${CMAKE_LIBRARY_OUTPUT_DIRECTORY})
foreach(file ${CORESHED_BLAKE3_DIR}/blake3.c ${CORESHED_DUCKDB_DIR}/libduckdb.so)
  if(NOT EXISTS ${file})
    message(FATAL_ERROR "${file} is missing. Run tools/setup.sh build.")
  endif()
endforeach()
