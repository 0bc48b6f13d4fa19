/** The command {@code holt}: looks at databases, copies them and measures. */
package io.holt.cli;
