package io.holt;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The verbs of {@link TreeLincheckTest}, one after the other. */
public final class SequentialTree {
    private final Map<Integer, Integer> map = new HashMap<>();
    private final Map<Integer, Integer> other = new HashMap<>();
    private final Set<Integer> versioned = new HashSet<>();

    public int get(int key) {
        return map.getOrDefault(key, 0);
    }

    public boolean containsKey(int key) {
        return map.containsKey(key);
    }

    public void put(int key, int value) {
        map.put(key, value);
        versioned.remove(key);
    }

    public boolean putIfAbsent(int key, int value) {
        return map.putIfAbsent(key, value) == null;
    }

    public int getAmongMany(int key) {
        return get(key);
    }

    public void putAmongMany(int key, int value) {
        put(key, value);
    }

    public int putAmongManyIfAbsent(int key, int value) {
        return putIfAbsent(key, value) ? 1 : 0;
    }

    public boolean isLongestPrefix(int key) {
        return containsKey(key);
    }

    public boolean isVisited(int key) {
        return containsKey(key);
    }

    public boolean isVisitedAmongMany(int key) {
        return containsKey(key);
    }

    public boolean isPrefixEmpty(int key) {
        return !containsKey(key);
    }

    public long count(int key) {
        return containsKey(key) ? 1 : 0;
    }

    public void putVersioned(int key, int value) {
        map.put(key, value);
        versioned.add(key);
    }

    public boolean isVersioned(int key) {
        return versioned.contains(key);
    }

    public boolean createVersioned(int key, int value) {
        boolean absent = !map.containsKey(key);
        if (absent) {
            putVersioned(key, value);
        }
        return absent;
    }

    public boolean replaceIfUnversioned(int key, int value) {
        boolean unversioned = isUnversioned(key);
        if (unversioned) {
            putVersioned(key, value);
        }
        return unversioned;
    }

    public boolean deleteIfUnversioned(int key) {
        return isUnversioned(key) && delete(key);
    }

    private boolean isUnversioned(int key) {
        return map.containsKey(key) && !versioned.contains(key);
    }

    public void putInBothTrees(int key, int value) {
        put(key, value);
        other.put(key, value);
    }

    public boolean deleteFromBothTrees(int key) {
        boolean unversioned = isUnversioned(key);
        if (unversioned) {
            delete(key);
            other.remove(key);
        }
        return unversioned;
    }

    public int getFromBothTrees(int key) {
        return 10 * get(key) + other.getOrDefault(key, 0);
    }

    public String rename(int from, int to, boolean force) {
        if (!map.containsKey(from)) {
            return "SOURCE_MISSING";
        }
        if (from != to && map.containsKey(to) && !force) {
            return "TARGET_EXISTS";
        }
        move(from, to);
        return "RENAMED";
    }

    private void move(int from, int to) {
        boolean withVersion = versioned.remove(from);
        int value = map.remove(from);
        put(to, value);
        if (withVersion) {
            versioned.add(to);
        }
    }

    public void putBoth(int key, int other, int value) {
        put(key, value);
        put(other, value);
    }

    public void putOneDeleteOther(int key, int other, int value) {
        put(key, Math.min(2, value));
        delete(other);
    }

    public boolean moveIfFree(int from, int to) {
        if (map.containsKey(to) || !map.containsKey(from)) {
            return false;
        }
        move(from, to);
        return true;
    }

    public boolean delete(int key) {
        versioned.remove(key);
        return map.remove(key) != null;
    }

    public int getAndDelete(int key) {
        int value = get(key);
        delete(key);
        return value;
    }

    public boolean deletePrefix(int key) {
        versioned.removeIf(other -> other % 3 == key % 3);
        return map.keySet().removeIf(other -> other % 3 == key % 3);
    }
}
