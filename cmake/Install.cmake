# The install tree stands alone and can be moved: where Arrow came as a wheel, its headers and libraries go along.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/coreshed)
set(private_dir ${CMAKE_INSTALL_LIBDIR}/coreshed)

install(TARGETS coreshed EXPORT coreshedTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS coreshed-aws LIBRARY DESTINATION ${private_dir})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/coreshed DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT coreshedTargets NAMESPACE coreshed:: DESTINATION ${package_dir})

if(Arrow_FOUND)
  set(CORESHED_BUNDLES_ARROW OFF)
else()
  set(CORESHED_BUNDLES_ARROW ON)
  foreach(target Arrow::arrow_shared Parquet::parquet_shared ArrowCompute::arrow_compute_shared
                 ArrowS3::arrow_s3_shared)
    get_target_property(library ${target} IMPORTED_LOCATION)
    install(FILES ${library} DESTINATION ${private_dir})
  endforeach()
  install(DIRECTORY ${CORESHED_ARROW_WHEEL}/include/arrow ${CORESHED_ARROW_WHEEL}/include/parquet
          DESTINATION ${private_dir}/include PATTERN "arrow/python" EXCLUDE)
  install(FILES ${CMAKE_CURRENT_LIST_DIR}/ImportArrow.cmake DESTINATION ${package_dir})
endif()
install(FILES ${CORESHED_DUCKDB_DIR}/libduckdb.so DESTINATION ${private_dir})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR})

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/coreshedConfig.cmake.in
  ${CMAKE_BINARY_DIR}/coreshedConfig.cmake INSTALL_DESTINATION ${package_dir} PATH_VARS private_dir)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/coreshedConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/coreshedConfig.cmake ${CMAKE_BINARY_DIR}/coreshedConfigVersion.cmake
        DESTINATION ${package_dir})
