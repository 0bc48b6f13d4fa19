/**
 * The words callers speak: databases, trees, snapshots, cursors, options, statistics and the errors they throw.
 * Everything here may be used by applications; nothing here knows how it is done.
 */
package io.holt.api;
