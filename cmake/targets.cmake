# konekwa_library(NAME dependencies...): every .cpp of the calling folder is one library, konekwa_NAME.
# A folder is one target and one namespace. PRIVATE_DEPS are libraries whose headers stay in .cpp files. EXCLUDE names
# files of the folder that belong to another target.
add_library(konekwa_flags INTERFACE)
target_compile_options(konekwa_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor)
target_include_directories(konekwa_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(konekwa_flags INTERFACE KONEKWA_VERSION="${PROJECT_VERSION}"
                           BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_options(konekwa_flags INTERFACE -O1 -fno-omit-frame-pointer)
endif()
if(KONEKWA_ASAN)
  # Lines are enough for a report; all of -g doubles the time and the disk that this build takes.
  target_compile_options(konekwa_flags INTERFACE -g1 -fsanitize=address,undefined -fno-sanitize-recover=all)
  target_link_options(konekwa_flags INTERFACE -fsanitize=address,undefined)
endif()
if(KONEKWA_FUZZ)
  target_compile_options(konekwa_flags INTERFACE -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
  target_link_options(konekwa_flags INTERFACE -fsanitize=address,undefined)
endif()

function(konekwa_library name)
  cmake_parse_arguments(arg "" "" "DEPS;PRIVATE_DEPS;EXCLUDE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  foreach(file ${arg_EXCLUDE})
    list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  endforeach()
  add_library(konekwa_${name} STATIC ${sources})
  target_link_libraries(konekwa_${name} PUBLIC konekwa_flags ${arg_DEPS} PRIVATE ${arg_PRIVATE_DEPS})
  target_precompile_headers(konekwa_${name} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled.h)
endfunction()
