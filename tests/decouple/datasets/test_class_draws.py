import numpy as np

from decouple.datasets.class_draws import first_of_each, shuffled_classes

LABELS = np.array([1, 0, 1, 0, 1, 3])


def test_images_are_grouped_by_class_and_a_class_without_images_is_empty():
    classes = shuffled_classes(LABELS, np.array([5, 4, 1, 0]), 4, seed=0, purpose="test")
    assert [sorted(images.tolist()) for images in classes] == [[1], [0, 4], [], [5]]


def test_the_order_depends_on_seed_purpose_and_class():
    labels = np.repeat([0, 1], 50)

    def drawn(seed, purpose):
        return [images.tolist() for images in shuffled_classes(labels, np.arange(100), 2, seed=seed, purpose=purpose)]

    first = drawn(0, "a")
    assert first == drawn(0, "a")
    assert first[0] != drawn(1, "a")[0]
    assert first[0] != drawn(0, "b")[0]
    assert first[0] != [image - 50 for image in first[1]]


def test_first_of_each_takes_the_front_of_each_class_in_ascending_order():
    # Two from (7, 1, 3), none from (5,), one from (2, 9).
    classes = [np.array([7, 1, 3]), np.array([5]), np.array([2, 9])]
    assert first_of_each(classes, np.array([2, 0, 1])).tolist() == [1, 2, 7]
