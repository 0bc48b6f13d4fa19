#!/bin/bash
# Starts a JobManager or a TaskManager as the public image does: options are lines of FLINK_PROPERTIES.
set -euo pipefail

conf=/tmp/flink-conf
java=(java -Xmx400m -XX:MaxDirectMemorySize=200m -XX:+UseSerialGC -XX:TieredStopAtLevel=1
    --enable-native-access=ALL-UNNAMED --add-opens=java.base/java.util=ALL-UNNAMED
    --add-opens=java.base/java.lang=ALL-UNNAMED --add-opens=java.base/java.time=ALL-UNNAMED
    -Dorg.slf4j.simpleLogger.defaultLogLevel=info -cp '/opt/flink/lib/*')

mkdir -p "$conf"
{
    echo "jobmanager.rpc.address: ${JOB_MANAGER_RPC_ADDRESS:-localhost}"
    echo "${FLINK_PROPERTIES:-}"
} >"$conf/config.yaml"

case ${1:-} in
    jobmanager)
        exec "${java[@]}" org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint \
            --configDir "$conf" --executionMode cluster
        ;;
    taskmanager)
        exec "${java[@]}" org.apache.flink.runtime.taskexecutor.TaskManagerRunner --configDir "$conf"
        ;;
    *) exec "$@" ;;
esac
