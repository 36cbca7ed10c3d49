// refused 5: class java/util/ArrayList is of a package that is not known
package inkan.lang.utils;

public class Case {
    static Object f() { return new java.util.ArrayList(); }
}
