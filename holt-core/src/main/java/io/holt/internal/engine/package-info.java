/** The verbs of the public interfaces, put together from the rooms below. */
package io.holt.internal.engine;
