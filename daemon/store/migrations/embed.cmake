# Writes the .sql files of a folder into a C++ source: cmake -DFOLDER=... -DOUTPUT=... -P embed.cmake
file(GLOB scripts ${FOLDER}/*.sql)
list(SORT scripts)
set(rows "")
foreach(script ${scripts})
  get_filename_component(name ${script} NAME)
  string(REGEX MATCH "^[0-9]+" digits ${name})
  math(EXPR version "${digits}")
  file(READ ${script} text)
  string(APPEND rows "    {${version}, R\"sql(${text})sql\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"daemon/store/migrations.h\"\n
namespace konekwa::store {\n
std::span<const Migration> all_migrations() {
  static constexpr Migration kAll[] = {\n${rows}  };
  return kAll;
}\n
}  // namespace konekwa::store\n")
