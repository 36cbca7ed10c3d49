package inkan.example.lib;

/** A library with one method. */
public class Coins {
    public static short twice(short n) {
        return (short) (n * 2);
    }
}
