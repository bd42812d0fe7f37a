# KONEKWA_PYTHON: a Python 3 that has PyYAML. Debian's package belongs to Debian's Python, and the first one on the PATH
# may be another.
foreach(candidate python3 /usr/bin/python3)
  execute_process(COMMAND ${candidate} -c "import yaml" RESULT_VARIABLE result OUTPUT_QUIET ERROR_QUIET)
  if(result EQUAL 0)
    set(KONEKWA_PYTHON ${candidate})
    break()
  endif()
endforeach()
if(NOT KONEKWA_PYTHON)
  message(FATAL_ERROR "no Python 3 with PyYAML: install python3-yaml")
endif()
