# bash completion for konekwa: asks the program itself, which knows its commands and asks konekwad for ids.
_konekwa() {
  local word words=() joins=0
  # bash takes ":" and "=" for words of their own; a URL is one word.
  for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if ((${#words[@]} > 0)) && { ((joins)) || [[ $word == [:=]* ]]; }; then
      words[-1]+=$word
    else
      words+=("$word")
    fi
    [[ $word == [:=] ]] && joins=1 || joins=0
  done
  mapfile -t COMPREPLY < <(konekwa __complete -- "${words[@]}" 2>/dev/null | cut -f 1)
}
# "default" completes file names where the program offers nothing.
complete -o default -F _konekwa konekwa
