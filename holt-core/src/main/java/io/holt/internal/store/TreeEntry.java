package io.holt.internal.store;

/**
 * What a checkpoint knows of a tree, besides its name.
 *
 * @param treeId at least 0
 * @param rootBlobId the blob of its root frame
 * @param recordCount records in it
 */
public record TreeEntry(int treeId, int rootBlobId, long recordCount) {}
