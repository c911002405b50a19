# Run by path: `bash activate.sh FILE... -- COMMAND...` sources the files and becomes the command.
# A file may set options and positional parameters of its own, so that ours are kept aside.
guardianflow_files=()
while [ "$1" != "--" ]; do
  guardianflow_files+=("$1")
  shift
done
shift
guardianflow_command=("$@")
for guardianflow_file in "${guardianflow_files[@]}"; do
  set --
  . "$guardianflow_file"
  set +eu
done
exec "${guardianflow_command[@]}"
