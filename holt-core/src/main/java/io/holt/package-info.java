/** Opening a Holt state engine and the settings it is opened with. */
package io.holt;
