# Options of our own code; no third-party file is compiled with them and no user of the installed library gets them.
add_library(coreshed-options INTERFACE)
target_compile_options(coreshed-options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wconversion;-Wnon-virtual-dtor;-Woverloaded-virtual;-Wextra-semi>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${CORESHED_WERROR}>>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 sees overlapping copies in std::string's operator+ where there are none (GCC bug 105651), and strings moved
  # out of a variant as uninitialised (GCC bug 105562).
  target_compile_options(coreshed-options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict;-Wno-maybe-uninitialized>)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # In C++ it is no part of GCC's -Wconversion.
  target_compile_options(coreshed-options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-sign-conversion>)
endif()
# Only what is used is loaded at start: each Arrow library costs a process milliseconds.
target_link_options(coreshed-options INTERFACE LINKER:--as-needed)

# The test presets give Arrow the system's allocator: in memory from its own, the sanitizers see no overflow, and take two
# uses of one address for a race.
if(CORESHED_SANITIZE)
  set(flags -fsanitize=${CORESHED_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_compile_options(${flags})
  # The sanitizers stand between a program and dlopen, so that its RUNPATH is not asked; its RPATH is.
  add_link_options(${flags} LINKER:--disable-new-dtags)
endif()

# coreshed_glob(OUT PATTERN...): files below the current folder, looked up again on every build.
function(coreshed_glob out)
  list(TRANSFORM ARGN PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${ARGN})
  set(${out} ${files} PARENT_SCOPE)
endfunction()
