# Sourced by the scripts that start a main class: builds a module if need be and runs it on the JDK of the build.

# build MODULE: classes and jars of the module and of what it depends on, without tests and static checks.
build() {
    local stamp="$root/$1/target/quick/launch/built"
    if [ ! -e "$stamp" ] || [ -n "$(changed_since "$stamp")" ]; then
        echo "Building ..." >&2
        if ! (cd "$root" && mvn -q -Dquick -Dlaunch -pl "$1" -am package); then
            echo "The build failed. It needs Maven and an installed JDK 22 or newer: see Building in README.md." >&2
            exit 1
        fi
        touch "$stamp"
    fi
}

changed_since() {
    find "$root"/pom.xml "$root"/*/pom.xml "$root"/*/src/main -newer "$1" -print | head -n 1
}

# launch MODULE CLASSPATH MAIN [ARGUMENT...]: replaces the shell by the program.
launch() {
    local target="$root/$1/target/quick" classpath=$2 home options
    shift 2
    home=$(sed -n 's/^ *java\.home = //p' "$target/launch/jdk.txt")
    read -ra options < <(tr '\n' ' ' <"$target/launch/options.txt"; echo)
    # shellcheck disable=SC2086
    exec "$home/bin/java" "${options[@]}" ${JAVA_OPTS:-} \
        -classpath "$target/classes:$(cat "$target/launch/$classpath.classpath")" "$@"
}
