/** Tests that need more than one module. */
package io.holt.it;
