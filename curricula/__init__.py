"""What is taught: programmes, disciplines, curriculum versions, submissions, reviews, imports."""
