# bash completion for konekwa: asks the program itself, which knows its commands and asks konekwad for ids. What it says
# is told in cli/candidates.h. Needs bash 4.3, and not the package bash-completion.

# Reads a line as the shell would: `words` are its words without their quotation marks, and `quote` the mark that is
# still open. COMP_WORDS would be cut at ":" and "=", and would not say where there is a blank.
_konekwa_read() {
  local line=$1 char next word='' has_word='' is_target='' i
  words=() quote='' redirects=''
  for ((i = 0; i <= ${#line}; i++)); do
    char=${line:i:1}
    if [[ $quote == "'" && $char != "'" ]]; then
      word+=$char
    elif [[ $char == \\ && $quote != "'" ]]; then
      next=${line:i+1:1} i=$((i + 1))
      [[ $quote == '"' && $next != [\$\`\"\\] ]] && word+=\\
      word+=$next has_word=1
    elif [[ -n $quote ]]; then
      if [[ $char == "$quote" ]]; then quote=''; else word+=$char; fi
    elif [[ $char == [\'\"] ]]; then
      quote=$char has_word=1
    elif [[ $char == [$' \t\n<>&'] ]]; then
      [[ $char == [\<\>] && $word != *[!0-9]* ]] && has_word='' word=''   # the "2" of "2>"
      [[ -n $has_word && -z $is_target ]] && words+=("$word")
      [[ -n $has_word ]] && is_target=''
      [[ $char == [\<\>] ]] && is_target=1
      word='' has_word=''
    elif [[ -n $char ]]; then
      word+=$char has_word=1
    fi
  done
  words+=("$word")
  redirects=$is_target
}

_konekwa_quote() {   # `candidate`, as it has to stand on the line
  case $quote in
    "'") candidate=${candidate//"'"/"'\\''"} ;;
    '"') candidate=${candidate//\\/\\\\} candidate=${candidate//\"/\\\"}
         candidate=${candidate//\$/\\\$} candidate=${candidate//\`/\\\`} ;;
    '') [[ $candidate != *[!][:alnum:]_.,:/@%+=-]* ]] || printf -v candidate %q "$candidate" ;;
  esac
  # Readline takes one at the end for the closing one.
  [[ -z $quote || $candidate != *"$quote" ]] || candidate+=$quote
}

_konekwa_files() {   # behind "-o", of which readline knows nothing
  compopt -o filenames 2>/dev/null
  while IFS= read -r candidate; do
    COMPREPLY+=("$1$candidate")
  done < <(compgen -f -- "${asked[-1]#"$1"}")
}

_konekwa() {
  local words quote redirects line candidate kept asked
  # Readline exchanges the end of the word alone: what is behind a ":", say, or behind a quotation mark.
  _konekwa_read "${COMP_LINE:0:COMP_POINT}"
  asked=("${words[@]}")
  if [[ -n $redirects ]]; then
    compopt -o default 2>/dev/null
    return
  fi
  while [[ ${asked[0]} == [[:alpha:]_]*=* ]]; do asked=("${asked[@]:1}"); done
  kept=${asked[-1]}
  _konekwa_read "$quote$2"
  kept=${kept%"${words[-1]}"}
  COMPREPLY=()
  compopt -o nosort 2>/dev/null
  while IFS= read -r line; do
    case $line in
      $'\tfiles\t-'[!-]*) _konekwa_files "${line#$'\tfiles\t'}" ;;
      $'\tfiles'*) compopt -o default 2>/dev/null ;;
      $'\tmore') compopt -o nospace 2>/dev/null ;;
      *) candidate=${line%%$'\t'*} candidate=${candidate#"$kept"}
         _konekwa_quote
         COMPREPLY+=("$candidate") ;;
    esac
  done < <(konekwa __complete -- "${asked[@]:1}" 2>/dev/null)
}
complete -F _konekwa konekwa
