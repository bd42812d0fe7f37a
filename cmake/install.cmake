# What "cmake --install" lays down, for packages and for /usr/local. What a package puts elsewhere are variables.
include(GNUInstallDirs)
set(KONEKWA_SYSCONF_DIR /etc/konekwa CACHE STRING "where konekwad.conf is")
set(KONEKWA_UNIT_DIR ${CMAKE_INSTALL_PREFIX}/lib/systemd/system CACHE STRING "units of systemd")
set(KONEKWA_ZSH_DIR ${CMAKE_INSTALL_DATADIR}/zsh/site-functions CACHE STRING "completions of zsh")

install(TARGETS konekwa konekwad konekwa-sandbox DESTINATION ${CMAKE_INSTALL_BINDIR})
# Only konekwad calls it, and finds it there from its own place.
install(TARGETS konekwa-media-probe DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/konekwa)

foreach(language "" id/)
  foreach(section 1 5 7 8)
    file(GLOB pages CONFIGURE_DEPENDS man/${language}*.${section})
    if(pages)
      install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/${language}man${section})
    endif()
  endforeach()
endforeach()

install(FILES completions/konekwa.bash RENAME konekwa DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES completions/konekwa.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES completions/_konekwa DESTINATION ${KONEKWA_ZSH_DIR})

configure_file(packaging/systemd/konekwad.service.in konekwad.service @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/konekwad.service packaging/systemd/konekwad.socket
              packaging/systemd/konekwad-http.socket DESTINATION ${KONEKWA_UNIT_DIR})
install(FILES packaging/systemd/konekwad.sysusers RENAME konekwad.conf DESTINATION lib/sysusers.d)
install(FILES packaging/systemd/konekwad.tmpfiles RENAME konekwad.conf DESTINATION lib/tmpfiles.d)
install(FILES packaging/konekwad.conf DESTINATION ${KONEKWA_SYSCONF_DIR})
