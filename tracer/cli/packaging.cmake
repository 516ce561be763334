# SPDX-License-Identifier: MIT
# What is installed where, and the Debian package made of it.
find_program(GZIP gzip REQUIRED)
# -n: no name and time, so that the same sources make the same package.
function(corotrace_install_compressed file name destination)
  set(compressed ${CMAKE_CURRENT_BINARY_DIR}/packaging/${name}.gz)
  add_custom_command(OUTPUT ${compressed} DEPENDS ${file} VERBATIM
                     COMMAND sh -c "mkdir -p packaging && ${GZIP} -9nc '${CMAKE_CURRENT_SOURCE_DIR}/${file}' > '${compressed}'")
  add_custom_target(packaging_${name} ALL DEPENDS ${compressed})
  install(FILES ${compressed} DESTINATION ${destination})
endfunction()

install(TARGETS corotrace RUNTIME)
corotrace_install_compressed(tracer/cli/corotrace.1 corotrace.1 ${CMAKE_INSTALL_MANDIR}/man1)
corotrace_install_compressed(CHANGELOG.md CHANGELOG.md ${CMAKE_INSTALL_DOCDIR})
install(FILES tracer/report/corotrace-1.schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/corotrace)
install(FILES tracer/cli/completion/corotrace.bash RENAME corotrace
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES tracer/cli/completion/_corotrace DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES tracer/cli/completion/corotrace.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES LICENSE RENAME copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR corotrace)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "reports the never-awaited coroutines of a running Python")
set(CPACK_PACKAGE_DESCRIPTION "corotrace attaches to a running CPython process and tells of every coroutine
that is dropped without having been awaited: which one, with what arguments,
and the exact line that dropped it. The process needs no restart and no change,
and serves on as if nobody looked.")
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "The corotrace developers")
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
