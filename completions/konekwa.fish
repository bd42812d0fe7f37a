# fish completion for konekwa: asks the program itself, which knows its commands and asks konekwad for ids.
function __konekwa_complete
    set -l words (commandline -opc) (commandline -ct)
    konekwa __complete -- $words[2..] 2>/dev/null
end
complete -c konekwa -f -a '(__konekwa_complete)'
for option in png svg
    complete -c konekwa -n '__fish_seen_subcommand_from qr pair' -l $option -rF
end
complete -c konekwa -l api-key-file -rF
for option in csv vcard contact image video audio document
    complete -c konekwa -n '__fish_seen_subcommand_from send' -l $option -rF
end
complete -c konekwa -n '__fish_seen_subcommand_from media' -s o -l output -rF
complete -c konekwa -n '__fish_seen_subcommand_from media; and __fish_seen_subcommand_from upload' -F
