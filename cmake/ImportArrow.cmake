# coreshed_import_arrow(INCLUDE_DIR LIBRARY_DIR [TARGET=NAME…]): declares the libraries of a pyarrow wheel, and others if
# asked to, under the names that Arrow's own CMake packages use. A wheel has libarrow.so.2600 but not the libarrow.so a
# linker looks for, hence full paths. Installed with our package too, which carries the same libraries.
function(coreshed_import_arrow include_dir library_dir)
  foreach(pair Arrow::arrow_shared=arrow Parquet::parquet_shared=parquet ArrowCompute::arrow_compute_shared=arrow_compute
               ArrowS3::arrow_s3_shared=arrow_s3 ${ARGN})
    string(REPLACE "=" ";" pair "${pair}")
    list(GET pair 0 target)
    list(GET pair 1 name)
    if(TARGET ${target})
      continue()
    endif()
    file(GLOB library ${library_dir}/lib${name}.so.[0-9][0-9][0-9][0-9])
    list(LENGTH library count)
    if(NOT count EQUAL 1)
      message(FATAL_ERROR "coreshed: expected one lib${name}.so.NNNN in ${library_dir}, found ${count}")
    endif()
    get_filename_component(soname ${library} NAME)
    add_library(${target} SHARED IMPORTED GLOBAL)
    set_target_properties(${target} PROPERTIES
      IMPORTED_LOCATION ${library}
      IMPORTED_SONAME ${soname}
      INTERFACE_INCLUDE_DIRECTORIES ${include_dir})
    if(NOT target STREQUAL Arrow::arrow_shared)
      set_target_properties(${target} PROPERTIES INTERFACE_LINK_LIBRARIES Arrow::arrow_shared)
    endif()
  endforeach()
endfunction()
