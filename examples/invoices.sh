#!/usr/bin/env bash
# Sends the invoices of a table by WhatsApp, each once, and keeps account of what became of them.
#
#   invoices.sh --dry-run invoices.csv      shows who would get what; nothing is sent
#   invoices.sh invoices.csv                sends, and writes invoices.report.csv
#
# The first line of the table names its columns. "faktur" (the number of the invoice, each once) and "nomor" are needed;
# the others fill the placeholders of the template. With a name in "berkas", a file beside the table, that document is
# sent with the text as its caption; otherwise the text alone. The text is that of the template "tagihan" of the gateway
# ("tagihan-berkas" with a document), which is made from the one below when there is none.
#
# An invoice that the report calls SENT is passed over. One that was under way when this was killed has an idempotency
# key, and a reference by which it is found later. So after a crash, or with corrected rows, run the same again.
# KONEKWA_SESSION is the session to send from, or the profile's of konekwa(1). WAIT_MAX is how long one invoice may
# wait for WhatsApp, 60s if not set. Needs jq.
#
# Exit code 0: all are sent. 1: some failed or were refused; the report says which and why. 2: the table cannot be used,
# and nothing was sent. 3: it stopped, because WhatsApp or the gateway was away for too long: run the same again.
set -euo pipefail

readonly text='Yth. {{nama}}, tagihan {{faktur}} sebesar {{jumlah}} jatuh tempo {{jatuh_tempo}}. Terima kasih.'
readonly wait_max=${WAIT_MAX:-60s}

refuse() {
  echo "invoices.sh: $*" >&2
  exit 2
}

is_dry=false
if [[ ${1-} == --dry-run ]]; then
  is_dry=true
  shift
fi
(($# == 1)) || refuse "usage: invoices.sh [--dry-run] FILE.csv"
table=$1
[[ -r $table ]] || refuse "cannot read $table"
folder=$(dirname "$table")
report=${table%.csv}.report.csv

# The first time there is no template of this name. Whoever wants other words changes it on the gateway.
ensure_template() {
  local name=$1 type=$2 names
  names=$(konekwa templates list --json | jq -r '.templates[].name') || exit 3
  ! grep -qxF -- "$name" <<<"$names" || return 0
  konekwa templates create --name "$name" --type "$type" --content "$text" -q >/dev/null || exit 3
}
ensure_template tagihan text
ensure_template tagihan-berkas document

# konekwa reads the table as it would to send it, and tells each row as JSON: no comma in a name is misread here.
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
status=0
rows=$(konekwa send --csv "$table" --to-column nomor --template tagihan --dry-run --jsonl 2>"$errors") || status=$?
if ((status != 0)); then
  cat "$errors" >&2
  exit $((status == 2 ? 2 : 3))
fi
jq -es 'all(.body.placeholder_values | .faktur // "" | test("^[A-Za-z0-9._/-]+$"))' <<<"$rows" >/dev/null ||
  refuse "each row needs a number of letters, digits and . _ / - in the column faktur"
twice=$(jq -rs 'map(.body.placeholder_values.faktur) | group_by(.)[] | select(length > 1) | .[0]' <<<"$rows")
[[ -z $twice ]] || refuse "more than once in the table: ${twice//$'\n'/, }"

# Everything that is said about one row, in variables. Placeholders become --set KEY=VALUE.
read_row() {
  invoice=$(jq -r .body.placeholder_values.faktur <<<"$1")
  number=$(jq -r .recipient <<<"$1")
  document=$(jq -r '.body.placeholder_values.berkas // ""' <<<"$1")
  mapfile -d '' -t message < <(
    jq -j '.body.placeholder_values | to_entries[] | "--set\u0000\(.key)=\(.value)\u0000"' <<<"$1"
  )
  if [[ -n $document ]]; then
    message+=(--template tagihan-berkas --document "$folder/$document")
  else
    message+=(--template tagihan)
  fi
}

# Before the first is sent: a document that is missing stops all of it.
while read -r row; do
  read_row "$row"
  [[ -z $document || -r $folder/$document ]] || refuse "$invoice: cannot read $folder/$document"
  ! $is_dry || echo "$invoice  $number  ${document:-(teks)}"
done <<<"$rows"
! $is_dry || exit 0

# note STATUS MESSAGE-ID ERROR: a line of the report, which is on the disk before the next invoice is sent.
note() {
  jq -rn '$ARGS.positional | @csv' --args "$invoice" "$number" "$1" "$2" "$(date +%FT%T%:z)" "$3" >>"$report"
  echo "$invoice  $number  $1${3:+  $3}"
}

declare -A sent=()
[[ -s $report ]] || echo '"faktur","nomor","status","pesan","waktu","galat"' >"$report"
while IFS=, read -r invoice _ status _; do
  [[ $status != '"SENT"' ]] || sent[${invoice//\"/}]=1
done <"$report"

failed=0
while read -r row; do
  read_row "$row"
  [[ -z ${sent[$invoice]-} ]] || continue
  # Keys are forgotten after 24 hours; what has left is found by its reference.
  id=$(konekwa messages list --reference "$invoice" --direction sent --json |
    jq -r 'first(.messages[] | select(.status == ("SENT", "DELIVERED", "READ")) | .id) // ""') || exit 3
  if [[ -n $id ]]; then
    note SENT "$id" ''
    continue
  fi
  status=0
  answer=$(konekwa send --to "$number" "${message[@]}" --reference "$invoice" \
    --idempotency-key "tagihan-$invoice-$number" \
    --wait sent --timeout "$wait_max" --json 2>"$errors" </dev/null) || status=$?
  id=$(jq -r '.id // ""' <<<"$answer")
  error=$(jq -rR 'fromjson? | .error.code // empty' "$errors" | head -n 1)
  case $status in
    0) note SENT "$id" '' ;;
    1 | 2 | 5 | 9)
      note FAILED "$id" "${error:-$status}"
      failed=$((failed + 1))
      ;;
    *)
      cat "$errors" >&2
      echo "invoices.sh: stopped at $invoice; run the same again, nothing is sent twice" >&2
      exit 3
      ;;
  esac
done <<<"$rows"
((failed == 0)) || exit 1
