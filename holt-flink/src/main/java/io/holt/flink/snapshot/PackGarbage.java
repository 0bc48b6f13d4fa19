package io.holt.flink.snapshot;

import io.holt.flink.snapshot.UploadedImage.PackUse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which packs of an image are worth writing again. What makes a pack needless is to write every frame anew that has a
 * piece in it; what is won is the part of the pack that is out of use. Changes that were superseded by a frame written
 * whole are out of use like frames that were superseded.
 *
 * <p>Invariant: the packs that remain are in use by the wanted share or more, all in all; nor are there many more
 * of them than their size asks for.
 */
final class PackGarbage {

    /** So many packs there may be beside those that a pack's size asks for. */
    private static final int FURTHER_PACKS = 64;

    private PackGarbage() {}

    /**
     * The packs to be written again.
     *
     * @param liveShare the share, 0 to 1, of the packs that should be in use
     * @param packBytes size of a full pack
     */
    static Set<Pack> toRewrite(UploadedImage image, double liveShare, long packBytes) {
        List<PackUse> uses = new ArrayList<>(image.uses());
        // A frame written anew wins most, for what it costs, in packs of much garbage.
        uses.sort(Comparator.comparingDouble(use -> (double) use.rewritten() / Math.max(1, use.garbage())));
        long inUse = uses.stream().mapToLong(use -> use.inUse()).sum();
        long garbage = uses.stream().mapToLong(PackUse::garbage).sum();
        Set<Pack> chosen = new HashSet<>();
        for (PackUse use : uses) {
            boolean pays = use.rewritten() * (1 - liveShare) < use.garbage() * liveShare;
            boolean tooMuch = garbage * liveShare > inUse * (1 - liveShare);
            if (use.garbage() > 0 && (pays || tooMuch)) {
                chosen.add(use.pack());
                garbage -= use.garbage();
            }
        }
        long allowed = FURTHER_PACKS + 2 * (inUse / packBytes);
        uses.sort(Comparator.comparingLong(use -> use.rewritten()));
        for (PackUse use : uses) {
            if (uses.size() - chosen.size() > allowed) {
                chosen.add(use.pack());
            }
        }
        return chosen;
    }
}
