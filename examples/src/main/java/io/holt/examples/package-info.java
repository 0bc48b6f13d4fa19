/** The programs that ./demo runs. */
package io.holt.examples;
