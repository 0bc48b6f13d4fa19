/** What the concurrency tests share. They lie in the packages of what they test, whose classes are not public. */
package io.holt.stress;
