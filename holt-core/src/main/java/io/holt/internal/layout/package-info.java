/** What the bytes of a frame mean: one class a layout, with offsets and accessors and no algorithm. */
package io.holt.internal.layout;
