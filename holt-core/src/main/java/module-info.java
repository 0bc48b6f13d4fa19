/** An embedded off-heap state engine on an adaptive radix tree. */
module io.holt {
    exports io.holt;
    exports io.holt.api;

    requires org.slf4j;
}
