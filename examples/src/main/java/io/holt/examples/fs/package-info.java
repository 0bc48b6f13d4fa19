/**
 * The examples' input and their measure: the files of the JDK's own runtime image, a re-playable stream of events over
 * them, and the final state computed from the events by plain maps.
 */
package io.holt.examples.fs;
