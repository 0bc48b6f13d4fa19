/** Makes the tables of RESULTS.md out of the files of results. */
package io.holt.benchmarks.report;
