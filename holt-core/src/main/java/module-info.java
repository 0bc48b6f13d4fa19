/** An embedded off-heap state engine on an adaptive radix tree. */
module io.holt {
    requires org.slf4j;
}
